"""Official documents as files: laid out by GB/T 9704-2012, printed from Word templates, converted to PDF.

`inspection` says whether a file from outside is a sane Word file, and `instructions` what its fields are told to do;
`press` prints it in a process of its own (`child`) that has little memory and little time; `layout` builds templates;
`pdf` asks LibreOffice for a PDF.
"""
