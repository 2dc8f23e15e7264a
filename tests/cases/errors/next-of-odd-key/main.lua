return next({ a = 1 }, {})
