"""Couriers: how a message leaves the house.

mail        SMTP, by the standard library, so that a repeat carries the same Message-ID
webhook     a call to an address that a user named, which may not be an address inside
addresses   which addresses of the net are inside
chats       groups of WeCom, DingTalk and Feishu
calls       a call to an address that was checked: what webhooks and chats have in common
authority   a time stamping authority, asked for a stamp of a head
providers   the couriers that the operator's settings allow

Settings come from the operator; a user names addresses only.
"""
