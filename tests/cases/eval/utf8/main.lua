local text = ""
for _, code in utf8.codes("äß") do text = text .. code .. " " end
return file { path = "x", text = text }
