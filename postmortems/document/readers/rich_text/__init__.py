"""Rich text of editors, word processors and chats (styles, classes, data attributes) as plain HTML elements.

What is here only reshapes a tree; `readers.html` parses it and `readers.to_markdown` writes it.
"""
