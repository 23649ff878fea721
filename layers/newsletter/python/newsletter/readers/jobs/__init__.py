"""One public function a file; everything is passed in."""
