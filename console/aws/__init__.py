"""AWS on a laptop: ministack as a process of its own, with what it lacks mended."""
