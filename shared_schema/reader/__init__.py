"""`kaixu-verify`: prove a hub's log from its anchor alone and write the catalogue it makes.

Needs `shared_schema` and the standard library, no service and no server. It is the only part of
this package that opens files (`kept`, `folder_source`) or connections (`http_source`).
"""
