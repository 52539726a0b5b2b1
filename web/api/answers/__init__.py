"""The shapes of what the API answers, a file for each subject, over what all are made of (`shape`). What the law
protects is in none of them but the task's own.
"""
