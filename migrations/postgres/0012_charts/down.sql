DROP TABLE chart_limits;
