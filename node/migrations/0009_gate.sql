-- A node that was made from a backup is behind the same gate as any other that may not know its newest head.
INSERT INTO gate (one, at, reason, size)
SELECT 1, restored_at, 'the database was restored from a backup', log_size
FROM restored
WHERE NOT EXISTS (SELECT 1 FROM gate);
DROP TABLE restored;
