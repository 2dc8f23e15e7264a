return debian { "gcc" }
