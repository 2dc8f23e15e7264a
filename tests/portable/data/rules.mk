all: one two
	@echo $^
one two:
	@echo making $@
