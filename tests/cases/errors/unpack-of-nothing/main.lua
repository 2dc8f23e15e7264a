return unpack { strip = 1 }
