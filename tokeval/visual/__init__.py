"""The language of visual tokens: statistics of discrete codes of images, video and audio."""
