return (function() return import "a" end)()
