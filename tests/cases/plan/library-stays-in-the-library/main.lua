return import "y"
