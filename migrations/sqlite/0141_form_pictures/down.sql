DROP TABLE form_picture;
