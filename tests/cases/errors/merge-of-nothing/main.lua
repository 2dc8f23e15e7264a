return merge {}
