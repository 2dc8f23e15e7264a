return debian { "libc-bin" }
