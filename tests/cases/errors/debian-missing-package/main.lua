return debian {
  "gcc",
  "mkae",
}
