"""Reading what other programs export: playlists, tables of songs and moods, listening histories.

`opening.opened` recognises a file by its content and gives its rows (`rows`) one after another; a file of
any size, or one that was made to harm, costs no more memory than its longest row may (`text`, `json_entries`,
`archives`).  `importing` finds each row's song and keeps what follows from it.
"""
