"""What subgraphs have answered, kept as long as they allow: Apollo Router's response cache, by root field and entity."""
