return debian { "dpkg" }
