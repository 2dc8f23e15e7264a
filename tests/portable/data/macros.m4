define(`twice', `$1 $1')dnl
twice(`hi')
