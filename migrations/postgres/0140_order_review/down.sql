DROP TABLE order_review;
