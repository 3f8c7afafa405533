"""Posts, their lists, threads, reactions and drafts."""
