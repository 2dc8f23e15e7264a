local text = io.open("/etc/passwd"):read("a")
return text
