message("x ${CMAKE_VERSION}")
list(APPEND all 1 2)
message("${all}")
