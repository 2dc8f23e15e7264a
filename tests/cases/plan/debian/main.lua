return debian { "gcc", "gawk", "adduser" }
