"""Where events come in and answers go out: the shapes of API Gateway, SQS and S3, and nothing else."""
