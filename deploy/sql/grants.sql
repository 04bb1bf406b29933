-- 一个库里人人都没有的：库的主人（honghei）建表，别人只能用明确给的。可以重复运行。
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO honghei;
