for k in pairs { [{}] = 1 } do local _ = k end
