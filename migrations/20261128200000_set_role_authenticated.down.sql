-- The grant stays: add_accounts promises it.
SELECT;
