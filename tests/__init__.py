"""The promises that karmalog makes, one test for each."""
