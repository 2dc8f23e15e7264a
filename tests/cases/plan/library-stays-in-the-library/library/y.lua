return import "x"
