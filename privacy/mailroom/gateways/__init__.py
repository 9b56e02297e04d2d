"""Outside systems of the mailroom: the reader (a process of its own for hostile input) and the mailbox of the mail server.

Empty on purpose: the reader's process imports this package and must stay small.
"""
