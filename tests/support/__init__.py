"""What the tests stand on: real databases, a real browser, a real mail server, and the guard on compile and exec."""
