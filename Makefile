# Each target sets up what it needs first. Any Python will do: without 3.11 or later it says so in one line.
.PHONY: run test bench setup format

run test bench setup format:
	@python3 lumens_admin/any_python.py $@
