BEGIN { FS = "," }
NR > 1 { sum += $2 }
END { printf "%d %s\n", sum, toupper("done") }
