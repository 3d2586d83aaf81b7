"""HTTP: intake, boards, members, live updates and the page; who may do what."""
