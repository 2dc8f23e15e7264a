puts [expr {6 * 7}]
puts [string toupper abc]
puts [clock format 0 -gmt 1 -format %Y]
