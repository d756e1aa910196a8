"""What tests stand on: private real servers, and fakes that pass the same contract suites."""
