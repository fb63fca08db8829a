/** The pages for partner schools in Spanish, by the English text. */
export const partnersInSpanish = {
  'Programs of your school': 'Programas de tu centro',
  'Upload enrollments, see what became of them, and download lists and grades.':
    'Sube matrículas, mira qué fue de ellas y descarga listas y calificaciones.',
  'Go to the programs': 'Ir a los programas',
  'This page is for people of partner schools. Your account has no rights in a program yet.':
    'Esta página es para personas de los centros asociados. Tu cuenta aún no tiene permisos en ningún programa.',
  'Ask your contact at {site} to give them to you, and name the e-mail address of your account. The programs appear here at once, also those of an invitation, as soon as your address is confirmed.':
    'Pídeselos a tu contacto en {site} e indica la dirección de correo de tu cuenta. Los programas aparecen aquí de inmediato, también los de una invitación en cuanto tu dirección esté confirmada.',
  'see the program': 'ver el programa',
  'read enrollments and grades': 'consultar matrículas y calificaciones',
  'change enrollments': 'cambiar matrículas',
  'read reports': 'consultar informes',
  'You may: {rights}': 'Puedes: {rights}',

  // A program
  Program: 'Programa',
  School: 'Centro',
  Key: 'Clave',
  Kind: 'Tipo',
  Rights: 'Permisos',
  'What is known of this program may be out of date: where programs are kept does not answer at the moment.':
    'Lo que se sabe de este programa puede no estar al día: el sistema que guarda los programas no responde en este momento.',
  'Upload enrollments': 'Subir matrículas',
  'A CSV file in UTF-8 whose first line names the columns. Who is there already is changed, who is not is added; nobody else is touched.':
    'Un archivo CSV en UTF-8 cuya primera línea nombra las columnas. Se cambia a quien ya está y se añade a quien falta; a nadie más le afecta.',
  'What is in the file': 'Qué contiene el archivo',
  'Learners of the program': 'Estudiantes del programa',
  'Learners of its course runs': 'Estudiantes de sus cursos',
  'Columns: {program}, for course runs {course}.': 'Columnas: {program}; para cursos, {course}.',
  'Only say what would change, and change nothing': 'Solo decir qué cambiaría, sin cambiar nada',
  'CSV file': 'Archivo CSV',
  'Up to 100 MB.': 'Hasta 100 MB.',
  Upload: 'Subir',
  Download: 'Descargar',
  'CSV files, with learners by your own keys. They are put together when you ask for them.':
    'Archivos CSV con los estudiantes por tus propias claves. Se preparan cuando los pides.',
  'Course runs': 'Cursos',
  Learners: 'Estudiantes',
  Grades: 'Calificaciones',
  'None: the program has no active curriculum.': 'Ninguno: el programa no tiene un plan de estudios activo.',
  Reports: 'Informes',
  'Reports cannot be read at the moment. Load the page again later.':
    'En este momento no se pueden leer los informes. Vuelve a cargar la página más tarde.',
  'These are the newest. The API gives older ones, too.':
    'Estos son los más recientes. La API da también los anteriores.',
  'The report is no longer there.': 'Ese informe ya no está.',
  'Your uploads and downloads': 'Tus subidas y descargas',
  'None yet.': 'Nada todavía.',
  'None.': 'Nada.',

  // An upload or a download
  'Upload of learners of the program': 'Subida de estudiantes del programa',
  'Upload of learners of course runs': 'Subida de estudiantes de cursos',
  'Download of learners of the program': 'Descarga de estudiantes del programa',
  'Download of learners of course runs': 'Descarga de estudiantes de cursos',
  'Download of grades': 'Descarga de calificaciones',
  'What a file of learners of the program would change': 'Qué cambiaría un archivo de estudiantes del programa',
  'What a file of learners of course runs would change': 'Qué cambiaría un archivo de estudiantes de cursos',
  'Waits for its turn': 'Espera su turno',
  'Under way': 'En curso',
  Done: 'Hecho',
  'Done, some rows failed': 'Hecho, con filas fallidas',
  Failed: 'Fallido',
  Stopped: 'Detenido',
  Progress: 'Progreso',
  '{done} rows so far': 'Filas hasta ahora: {done}',
  '{done} of {total} rows, {failed} of them failed': '{done} de {total} filas; fallidas: {failed}',
  '{reason} It goes on by itself at {when}.': '{reason} Sigue por sí sola a las {when}.',
  'Download {file}': 'Descargar {file}',
  'Write these changes': 'Escribir estos cambios',
  'Try the failed rows again': 'Reintentar las filas fallidas',
  'Download the failed rows': 'Descargar las filas fallidas',
  Stop: 'Detener',
  'The file of failed rows says in each what is wrong. Put it right there, and upload that file: nothing else is sent again.':
    'El archivo de filas fallidas dice en cada una qué está mal. Corrígelo ahí y sube ese archivo: no se vuelve a enviar nada más.',
  Rows: 'Filas',
  'Failed rows': 'Filas fallidas',
  'Show all rows': 'Mostrar todas las filas',
  'Show failed rows only': 'Mostrar solo las fallidas',
  Pages: 'Páginas',
  'Earlier rows': 'Filas anteriores',
  'Later rows': 'Filas siguientes',
  'Row {number}': 'Fila {number}',
  '(no key)': '(sin clave)',

  // What became of a row
  'Twice in the file': 'Repetida en el archivo',
  'Wrong status': 'Estado incorrecto',
  'Already there': 'Ya existe',
  'Not in the program': 'No está en el programa',
  'Not found': 'No encontrado',
  'Unknown course run': 'Curso desconocido',
  'Fault at the learning site': 'Fallo del sitio de aprendizaje',
  'Cannot be right': 'No es válida',
  'No answer': 'Sin respuesta',
  'Refused by the learning site': 'Rechazada por el sitio de aprendizaje',
  'Not done': 'No realizada',
  'The student key is blank. Give each row the key by which you know the learner.':
    'Falta la clave del estudiante. Pon en cada fila la clave con la que lo conoces.',
  'The student key has a colon, with which the learner could never be linked. Use a key without one.':
    'La clave del estudiante tiene dos puntos, con los que nunca se le podría vincular. Usa una clave sin ellos.',
  'The course is blank. Name a course run of the program, by its key or by your own.':
    'Falta el curso. Indica un curso del programa, por su clave o por la tuya.',
  'The learner is not in the program. Enroll them there first.':
    'El estudiante no está en el programa. Matricúlalo antes en él.',
  'The LMS does not allow this change.': 'El sitio de aprendizaje no permite este cambio.',
  'The LMS failed with this row by a fault of its own; its log says why. Send it again later.':
    'El sitio de aprendizaje falló con esta fila. Envíala de nuevo más tarde.',
  'The operation was canceled before this row was done.': 'Se detuvo antes de llegar a esta fila.',

  // What stands against it
  'The file is empty. Send one whose first line names its columns.':
    'El archivo está vacío. Envía uno cuya primera línea nombre las columnas.',
  'There is no such program.': 'No existe ese programa.',
  'There is no such upload or download of yours.': 'No tienes ninguna subida ni descarga así.',
  'There is no such download.': 'No existe esa descarga.',
  'The program has no such course run any more. Load its page again.':
    'El programa ya no tiene ese curso. Vuelve a cargar su página.',
  'The file is no longer kept. Ask for a new one.': 'El archivo ya no se conserva. Pide uno nuevo.',
  'There is no file here that could be written. Upload it again.':
    'Aquí no hay ningún archivo que se pueda escribir. Súbelo de nuevo.',
  'There is no such upload of yours, or it is more than a day old. Send it again.':
    'No tienes ese archivo subido, o tiene más de un día. Envíalo de nuevo.',
  'Every row succeeded: there is nothing to do again.': 'Todas las filas salieron bien: no hay nada que repetir.',
  'The operation is not finished yet.': 'Aún no ha terminado.',
} as const satisfies Readonly<Record<string, string>>;
