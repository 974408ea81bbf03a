DROP TABLE method_verification;
