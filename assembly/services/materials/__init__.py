"""Materials: what members and the public read and watch, in versions, each file looked at before it is kept."""
