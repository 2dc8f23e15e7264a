local tree = import "zlbi"
return tree
