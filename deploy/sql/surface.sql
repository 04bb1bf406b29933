-- 一个面的系统用户能做的：读写行，不能建表改表。以后迁移建的表照此授权。可以重复运行。
GRANT CONNECT ON DATABASE :"database" TO :"surface";
GRANT USAGE ON SCHEMA public TO :"surface";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"surface";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :"surface";
ALTER DEFAULT PRIVILEGES FOR ROLE honghei IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"surface";
ALTER DEFAULT PRIVILEGES FOR ROLE honghei IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"surface";

-- 只增不改的：审计、推导、版本、凭证。程序本来就不改它们；这里让谁拿到这个面的权限也改不了。
SELECT format('REVOKE UPDATE, DELETE ON %I FROM %I', relname, :'surface')
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname IN (
    'audit_events', 'derivations', 'unit_versions', 'rulebook_versions', 'checklist_versions',
    'holdings_versions', 'edition_versions', 'edition_approvals', 'entry_events', 'draw_events',
    'assignment_events', 'former_tasks', 'order_events', 'export_openings'
)
\gexec
SELECT format('REVOKE INSERT, UPDATE, DELETE ON %I FROM %I', relname, :'surface')
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname = 'alembic_version'
\gexec
