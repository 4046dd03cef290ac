"""The inbox: what each person is told of, once, and what of it they have read.

Where it goes besides, `people` says; how it is sent, `mail`.
"""
