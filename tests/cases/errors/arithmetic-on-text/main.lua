return 1 + {}
