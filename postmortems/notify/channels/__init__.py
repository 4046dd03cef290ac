"""Channels: chats and other receivers that are told what people are, each in its own form.

A channel is no person: of restricted incidents it is told nothing. Signed events for programs are `webhooks`.
"""
