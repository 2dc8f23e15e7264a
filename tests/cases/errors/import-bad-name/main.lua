return import "../x"
