-- The index is the one that add_message_search wanted: nothing to take back.
SELECT;
