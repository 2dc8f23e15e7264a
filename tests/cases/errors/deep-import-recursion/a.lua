return (function() return import "main" end)()
