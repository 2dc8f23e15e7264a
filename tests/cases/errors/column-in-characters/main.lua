return file { --[[ größer ]] path = "ä", txt = "" }
