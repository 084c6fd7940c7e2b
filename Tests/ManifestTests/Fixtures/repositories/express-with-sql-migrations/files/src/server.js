const app = require('express')()
app.get('/health', (request, response) => response.json({ status: 'healthy' }))
app.listen(process.env.PORT)
